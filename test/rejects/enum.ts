// @ts-nocheck
enum Role { user, admin }
export default { name: Role[0], entities: {} }
