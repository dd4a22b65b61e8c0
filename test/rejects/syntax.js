export default { name: 'x', entities: { Post { } }
