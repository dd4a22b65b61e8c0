/** Makes the address of an article from its title. */
export function slug({ input }: { readonly input: { readonly title: string } }) {
  const words = input.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return { slug: `${words}-${Date.now().toString(36)}` }
}
