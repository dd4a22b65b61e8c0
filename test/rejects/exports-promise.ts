// @ts-nocheck
export default Promise.resolve({ name: 'x', entities: {} })
