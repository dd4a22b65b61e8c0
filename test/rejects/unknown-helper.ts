// @ts-nocheck
import { backend, txt } from 'plinth'
export default backend({ name: 'x', entities: { Post: { fields: { title: txt() } } } })
