/**
 * What changes the page when a field is left has to wait while a press of the pointer is under way: a button that moves
 * between press and release is not clicked.
 */
let pressed = false
const waiting: (() => void)[] = []

function release(): void {
  pressed = false
  // After the click, which comes right behind the release.
  setTimeout(() => {
    for (const act of waiting.splice(0)) act()
  })
}

window.addEventListener('pointerdown', () => (pressed = true), true)
window.addEventListener('pointerup', release, true)
window.addEventListener('pointercancel', release, true)
window.addEventListener('dragend', release, true)

/** Now, or once the pointer is released. */
export function afterPress(act: () => void): void {
  if (pressed) waiting.push(act)
  else act()
}
