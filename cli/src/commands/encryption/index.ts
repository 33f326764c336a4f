import type { Group } from '../../command.ts'
import { pauseEncryption, resumeEncryption } from './pause.ts'
import { rotateEncryption } from './rotate.ts'
import { encryptionStatus } from './status.ts'
import { verifyEncryption } from './verify.ts'

export const encryption: Group = {
  name: 'encryption',
  summary: 'The keys that seal what is stored: rotate them, prove that everything opens',
  commands: [encryptionStatus, rotateEncryption, pauseEncryption, resumeEncryption, verifyEncryption],
}
