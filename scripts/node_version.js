// JavaScript, and loaded with --import before anything else, so that a Node too old to run TypeScript still gets to
// the sentence below instead of an error about the file extension.
const major = Number(process.versions.node.split('.')[0])

if (major < 24) {
  process.stderr.write(
    `Mooring needs Node 24 or newer and this is ${process.version}: run \`npm ci\`, which installs it, and start with \`npm\`.\n`,
  )
  process.exit(1)
}
