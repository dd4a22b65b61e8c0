/** The design language, as data: the integration `email` and its templates. */

import type { FormKey, MapForm, ObjectForm } from './form.ts'
import { NAME, SPAN } from './language-forms.ts'

const TEXT = { kind: 'text', max: 10_000 } as const
/** A text, or the same text by language. */
const TEXTS = { kind: 'either', of: [TEXT, { kind: 'map', of: TEXT, max: 50 }] } as const

const PATH = { kind: 'text', max: 500 } as const

const TABLE = {
  kind: 'object',
  title: 'mailTable',
  keys: {
    each: { form: NAME, required: true, description: 'The name of each row, and the relation.', example: 'l in lines' },
    columns: {
      form: {
        kind: 'list',
        min: 1,
        max: 20,
        of: {
          kind: 'object',
          title: 'mailColumn',
          keys: {
            heading: { form: TEXTS, required: true, description: 'The heading of the column.', example: 'Price' },
            value: { form: TEXTS, required: true, description: 'What the column shows of a row.', example: '{l.price}' },
            align: {
              form: { kind: 'enum', values: ['left', 'right'] },
              required: false,
              description: 'The side at which the column is aligned; left unless given.',
              example: 'right',
            },
          },
        },
      },
      required: true,
      description: 'The columns.',
      example: [{ heading: 'Article', value: '{l.name}' }],
    },
  },
} as const satisfies ObjectForm

const IMAGE = {
  kind: 'object',
  title: 'mailImage',
  keys: {
    file: {
      form: PATH,
      required: false,
      description: 'A PNG, JPEG or GIF file beside the design. It is sent with the mail.',
      example: 'logo.png',
    },
    link: {
      form: TEXTS,
      required: false,
      description: 'The address of an image that the mail program loads.',
      example: 'https://example.com/logo.png',
    },
    alt: {
      form: TEXTS,
      required: true,
      description: 'What the image shows, for those who do not see it.',
      example: 'The logo of the blog',
    },
    width: {
      form: { kind: 'integer', min: 1, max: 600 },
      required: false,
      description: 'The width in pixels; that of the image, at most 600, unless given.',
      example: 120,
    },
  },
} as const satisfies ObjectForm

const BLOCK = {
  kind: 'keyed',
  title: 'mailBlock',
  cases: {
    heading: {
      kind: 'object',
      keys: { heading: { form: TEXTS, required: true, description: 'A heading.', example: 'Welcome, {name}' } },
    },
    text: {
      kind: 'object',
      keys: {
        text: { form: TEXTS, required: true, description: 'Paragraphs, with an empty line between two of them.', example: 'Hello!' },
      },
    },
    button: {
      kind: 'object',
      keys: {
        button: {
          form: {
            kind: 'object',
            title: 'mailButton',
            keys: {
              label: { form: TEXTS, required: true, description: 'What the button says.', example: 'Accept' },
              link: {
                form: TEXTS,
                required: true,
                description: 'Where it leads: an address with https, http, mailto or tel. Values in it are encoded.',
                example: 'https://app.example.com/join?token={invitation.token}',
              },
            },
          },
          required: true,
          description: 'A link that looks like a button.',
          example: { label: 'Open', link: 'https://app.example.com/posts/{id}' },
        },
      },
    },
    table: {
      kind: 'object',
      keys: {
        table: {
          form: TABLE,
          required: true,
          description: 'A table of the rows of a relation, at most 200.',
          example: { each: 'l in lines', columns: [{ heading: 'Article', value: '{l.name}' }] },
        },
      },
    },
    image: {
      kind: 'object',
      keys: {
        image: { form: IMAGE, required: true, description: 'An image.', example: { file: 'logo.png', alt: 'The logo of the blog' } },
      },
    },
  },
} as const

const ATTACHMENT = {
  kind: 'keyed',
  title: 'mailAttachment',
  cases: {
    content: {
      kind: 'object',
      keys: {
        content: { form: TEXTS, required: true, description: 'The content, as a text.', example: 'number,total\n{number},{total}\n' },
        name: { form: TEXTS, required: true, description: 'The name of the file. Its end says the type.', example: 'order-{number}.csv' },
      },
    },
    file: {
      kind: 'object',
      keys: {
        file: { form: PATH, required: true, description: 'A file beside the design.', example: 'terms.pdf' },
        name: { form: TEXTS, required: false, description: 'The name in the mail; that of the file unless given.', example: 'Terms.pdf' },
      },
    },
  },
} as const

const TEMPLATES = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'mailTemplate',
    keys: {
      subject: { form: TEXTS, required: true, description: 'The subject; {name} shows a value (CEL).', example: 'Welcome, {name}' },
      blocks: {
        form: { kind: 'list', of: BLOCK, min: 1, max: 100 },
        required: true,
        description: 'The content: heading, text, button, table and image.',
        example: [{ text: 'Hello {name}!' }],
      },
      attachments: {
        form: { kind: 'list', of: ATTACHMENT, min: 1, max: 20 },
        required: false,
        description: 'Files that are sent with the mail.',
        example: [{ file: 'terms.pdf' }],
      },
    },
  },
} as const satisfies MapForm

/** The integration `email`. */
export const EMAIL = {
  form: {
    kind: 'object',
    keys: {
      from: { form: NAME, required: true, description: 'The sender.', example: 'Blog <no-reply@example.com>' },
      language: {
        form: NAME,
        required: false,
        description: "The field of the recipient's row that has the language, such as en or de-AT.",
        example: 'language',
      },
      limit: {
        form: {
          kind: 'object',
          keys: {
            mails: { form: { kind: 'integer', min: 1, max: 1_000_000 }, required: true, description: 'The number of mails.', example: 20 },
            within: { form: SPAN, required: true, description: 'The time.', example: '1h' },
          },
        },
        required: false,
        description: 'How many mails one address gets within a time; 100 within 1h unless given.',
        example: { mails: 20, within: '1h' },
      },
      templates: {
        form: TEMPLATES,
        required: false,
        description: 'The mails by name. Names in them are those of the event that sends the mail.',
        example: { welcome: { subject: 'Welcome, {name}', blocks: [{ text: 'Hello {name}!' }] } },
      },
    },
  },
  required: false,
  description: 'Email by SMTP; server and password come from the environment.',
  example: { from: 'Blog <no-reply@example.com>' },
} as const satisfies FormKey
