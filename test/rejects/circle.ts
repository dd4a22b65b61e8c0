// @ts-nocheck
const circle = { name: 'circle' }
circle.entities = circle
export default circle
