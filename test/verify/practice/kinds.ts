/** Which cases are asked about each class of faults, and which findings count. */

import type { SecurityClass } from '../../../src/verify/security/classes.ts'

/** The cases of a class. They are the same for all faults of the class. */
export interface KindOfFault {
  /** The beginnings of the names of the cases that are asked, one after the other until a finding counts. */
  readonly asked: readonly string[]
  /** The claims whose findings count. */
  readonly counts: RegExp
  /** Whether an error of the server is the fault itself, or a sign of it. In other classes it could be a crash. */
  readonly by500?: true
}

/** The kinds of all classes. */
export const KINDS: Readonly<Record<SecurityClass, KindOfFault>> = {
  F100: { asked: ['security/F100', 'values', 'security/F200', 'security/F209', 'lists'], counts: /./, by500: true },
  F101: { asked: ['answers', 'lists', 'values'], counts: /^answers\// },
  F102: { asked: ['values', 'security/F102', 'security/F203'], counts: /^(values|security\/F(102|203))/ },
  F103: { asked: ['relations', 'security/F103'], counts: /^(relations|security\/F103)/ },
  F104: { asked: ['security/F104', 'relations', 'values', 'access'], counts: /^(security\/F104|relations|values|access)/ },
  F200: { asked: ['security/F200'], counts: /^security\/F200/, by500: true },
  F201: { asked: ['security/F201'], counts: /^security\/F201/ },
  F202: { asked: ['security/F202'], counts: /^security\/F202/ },
  F203: { asked: ['security/F203', 'access', 'values'], counts: /^(security\/F203|access|values)/ },
  F204: { asked: ['security/F204', 'relations', 'identity/sign-in', 'access'], counts: /^(security\/F204|relations|identity|access)/ },
  F205: { asked: ['security/F205', 'identity/tokens', 'access'], counts: /^(security\/F205|identity|access)/ },
  F206: { asked: ['security/F206', 'access'], counts: /^(security\/F206|access)/ },
  F207: { asked: ['security/F207', 'access', 'identity/tokens'], counts: /^(security\/F207|access|identity)/ },
  F208: { asked: ['security/F208', 'access'], counts: /^(security\/F208|access)/ },
  F209: { asked: ['security/F209'], counts: /^security\/F209/ },
  F210: { asked: ['security/F210'], counts: /^security\/F210/ },
}
