/** Whether the name of a column says that it holds a secret, or personal data. */

const PASSWORD = /^(?:user|account|login|encrypted|hashed|crypted)?(?:password|passwd|passphrase)(?:hash|digest|crypt)?$/
const HASH = /^(?:hash|hashed)(?:of)?password$/
const SECRET = /(?:token|secret|apikey|privatekey|accesskey|otp|pincode|hash|salt)$/
const PERSONAL =
  /^(?:.*email(?:address)?|.*phone(?:number)?|mobile|fax|.*birth(?:day|date)|dateofbirth|dob|ssn|iban|taxid|passportnumber|ipaddress|(?:first|last|full|given|family|sur|middle)name)$/

function bare(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
}

/** `password`, `password_hash`, `encryptedPassword`, … */
export function isPassword(name: string): boolean {
  return PASSWORD.test(bare(name)) || HASH.test(bare(name))
}

/** `access_token`, `apiKey`, … */
export function isSecret(name: string): boolean {
  return SECRET.test(bare(name))
}

/** `email`, `phone`, `lastName`, … */
export function isPersonal(name: string): boolean {
  return PERSONAL.test(bare(name))
}

/** `email`, `billing_email`, `emailAddress`: the address itself, not something about it. */
export function isEmail(name: string): boolean {
  return /^(?:[a-z0-9]*e)?mail(?:address)?$/.test(bare(name)) && /e-?_?mail/i.test(name)
}
