// @ts-nocheck
export default 'design'
