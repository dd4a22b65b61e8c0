// @ts-nocheck
import { fields } from './nowhere.ts'
export default { name: 'x', entities: { Post: { fields } } }
