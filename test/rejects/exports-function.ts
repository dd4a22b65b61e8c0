// @ts-nocheck
export default () => ({ name: 'x', entities: {} })
