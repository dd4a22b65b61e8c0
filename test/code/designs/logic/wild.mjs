const HOW = {}
export default (ctx) => HOW[ctx.input.how](ctx)
