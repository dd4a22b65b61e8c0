// @ts-nocheck
const settings = undefined
export default { name: settings.name, entities: {} }
