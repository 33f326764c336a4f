import { controlId, errorAt, useFormHandle } from '../../forms/form_context.tsx'
import { LockedField } from '../../forms/form_field.tsx'
import { FormFields } from '../../forms/form_fields.tsx'
import { textAt } from '../../forms/paths.ts'
import { Field, TextArea } from '../../ui/field.tsx'
import { descriptionField, linkNameField, nameField } from './general_fields.ts'

const linkHelp = 'Programs know the service by it. Follows the name until you change it.'
const frozen = 'Programs know the service by it, so it cannot change once the service is Ready.'

/** Name, link name, description. */
export function IdentityFields({ linkNameLocked = false }: { linkNameLocked?: boolean }) {
  const { values } = useFormHandle()
  return (
    <>
      <FormFields fields={[nameField]} />
      {linkNameLocked ? (
        <LockedField field={linkNameField} path="linkName" value={textAt(values, 'linkName')} why={frozen} />
      ) : (
        <FormFields fields={[{ ...linkNameField, description: linkHelp, required: true }]} />
      )}
      <DescriptionField />
    </>
  )
}

function DescriptionField() {
  const handle = useFormHandle()
  const value = textAt(handle.values, 'description')
  const { title, maxLength = 255 } = descriptionField
  const length = Array.from(value).length
  return (
    <Field
      id={controlId(handle.id, 'description')}
      label={title}
      error={errorAt(handle, 'description')}
      optional
      aside={
        <span className={length > maxLength ? 'text-xs text-bad tabular' : 'text-xs text-ink-3 tabular'}>
          {length} of {maxLength}
        </span>
      }
    >
      {(parts) => (
        <TextArea
          {...parts}
          rows={2}
          value={value}
          onChange={(event) => handle.change('description', event.currentTarget.value)}
          onBlur={() => handle.touch('description')}
        />
      )}
    </Field>
  )
}
