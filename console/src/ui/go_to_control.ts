/** Opens what is folded around a control and takes the focus there. False where there is none on the page. */
export function goToControl(id: string): boolean {
  const control = document.getElementById(id)
  if (control === null) return false
  for (let fold = control.closest('details'); fold !== null; fold = fold.parentElement?.closest('details') ?? null)
    fold.open = true
  control.scrollIntoView({ block: 'center' })
  control.focus()
  return true
}
