/** How a design names its contract. */

/** A relative path of a YAML or JSON file, without `..`. */
export const CONTRACT_FILE = /^(?!.*(?:^|\/)\.\.(?:\/|$))(?:\.\/)?[\w-][\w./-]*\.(?:ya?ml|json)$/
