/** A design that is small, so that all of it is verified and handed over soon: labels that anybody reads. */

/** The design, in which `ownr` is misspelt. */
export const MISSPELT_LABELS = `name: labels
entities:
  Account:
    identity: { login: email, password: password }
    fields:
      email: { type: email, unique: true, read: id == auth.id }
      password: { type: password }
    access: { create: 'true', read: id == auth.id, update: id == auth.id, delete: 'false' }
  Label:
    fields:
      name: { type: text, max: 40 }
      owner: { type: ref, entity: Account, inverse: labels, set: auth.id }
    access: { create: auth.id != null, read: 'true', update: 'false', delete: ownr == auth.id }
`

/** The design without the mistake. */
export const LABELS = MISSPELT_LABELS.replace('ownr', 'owner')
