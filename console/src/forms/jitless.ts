import { config } from 'zod'

// Zod would otherwise try to build functions from text, which the content security policy forbids and reports.
config({ jitless: true })
