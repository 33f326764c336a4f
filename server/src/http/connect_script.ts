/**
 * `/assets/connect.js`: tells the console how a sign-in ended. A channel besides the opener, since a provider's
 * Cross-Origin-Opener-Policy takes the opener away. What is told is only where to look: the console asks the server.
 */
export const connectScript = `'use strict'
const told = document.querySelector('[data-attempt]')
if (told !== null) {
  const { attempt, connection, state } = told.dataset
  const message = { type: 'mooring:attempt', attempt, connection, state }
  if ('BroadcastChannel' in window) new BroadcastChannel('mooring').postMessage(message)
  window.opener?.postMessage(message, location.origin)
  // Browsers close only what a script has opened. What went wrong stays, to be read.
  if (state === 'succeeded') setTimeout(() => window.close(), 1200)
}
`
