/** The version of Node that commands need. This file and cli.ts must load on every Node that npm 10 supports (20 and newer). */

/** The lowest version. 24.7 is the first release with argon2 in node:crypto; TypeScript designs run natively since 22.18. */
export const REQUIRED_NODE = '24.7'

/** Whether a version such as `26.10.0` is at least the required one. */
export function isNodeEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [needMajor = 0, needMinor = 0] = REQUIRED_NODE.split('.').map(Number)
  return major > needMajor || (major === needMajor && minor >= needMinor)
}

/** Returns the error for a Node that is too old: the required and the present version, and two remedies. */
export function nodeTooOld(
  command: string,
  running: { readonly version: string; readonly path: string },
): { message: string; hint: string } {
  return {
    message: `plinth ${command} needs Node ${REQUIRED_NODE} or newer; this is Node ${running.version} (${running.path})`,
    hint: [
      'In a project that plinth init made, the right Node is a dependency: run `npm install` there once,',
      `then \`npm start\`, or \`npx plinth ${command}\` for this command.`,
      'In another project: `npm install --save-dev node@26`, then `npx plinth …`.',
    ].join('\n'),
  }
}
