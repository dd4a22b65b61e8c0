/** Pipelines: check, verify, build, and deploy stage by stage. */

import type { DeliveredFile } from '../files/delivered-file.ts'
import { deployCommand } from './deploy-script.ts'
import { type Deployed, NODE, yamlText } from './deployed.ts'

const STAGES = ['staging', 'production'] as const
/** Actions at fixed commits: the tag of a version can be moved to other code. */
const ACTIONS = {
  checkout: 'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2',
  node: 'actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0',
  upload: 'actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2',
  login: 'docker/login-action@74a5d142397b4f367a81961eba4e8cd7edddf772 # v3.4.0',
  build: 'docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83 # v6.18.0',
  cosign: 'sigstore/cosign-installer@d58896d6a1865668819e1d91763c7751a165e159 # v3.9.2',
} as const

/** The files for GitHub Actions and GitLab CI. */
export function pipelineFiles({ model: { name } }: Deployed): readonly DeliveredFile[] {
  return [
    {
      path: '.github/workflows/ci.yml',
      content: workflowText(`${name} on GitHub Actions. The environment production asks for approval.`, githubWorkflow(name)),
    },
    {
      path: '.github/workflows/roll-back.yml',
      content: workflowText(`${name}: puts an image that was deployed before in place again, started by hand.`, githubRollBack(name)),
    },
    { path: '.gitlab-ci.yml', content: yamlText(`${name} on GitLab. Production is deployed by hand.`, gitlabPipeline()) },
  ]
}

/** The version of an action stands behind it as a comment, where tools that update it look. */
function workflowText(comment: string, workflow: object): string {
  return yamlText(comment, workflow).replaceAll(/uses: "([^"]+ # v[\d.]+)"$/gm, 'uses: $1')
}

/** Checks a commit out. Its token is not kept for later steps. */
function checkout(more: object = {}): object {
  return { uses: ACTIONS.checkout, with: { 'persist-credentials': false, ...more } }
}

/** The image of a commit as a word of Bash. Names of images have no capitals. */
function githubImage(name: string, commit: string): string {
  return `ghcr.io/\${GITHUB_REPOSITORY,,}/${name}:${commit}`
}

function githubWorkflow(name: string): object {
  const image = githubImage(name, '$GITHUB_SHA')
  const node = { uses: ACTIONS.node, with: { 'node-version': NODE, cache: 'npm' } }
  const deploys = STAGES.map((stage, i) => [
    stage,
    {
      needs: i === 0 ? 'image' : STAGES[i - 1],
      'runs-on': 'ubuntu-latest',
      'timeout-minutes': 30,
      environment: stage,
      steps: [
        checkout(),
        {
          name: 'Deploy',
          env: { KUBECONFIG_TEXT: '${{ secrets.KUBECONFIG }}' },
          run: [
            'printf %s "$KUBECONFIG_TEXT" > "$RUNNER_TEMP/kubeconfig"',
            'export KUBECONFIG="$RUNNER_TEMP/kubeconfig"',
            deployCommand(stage, image),
          ].join('\n'),
        },
      ],
    },
  ])
  return {
    name,
    on: { push: { branches: ['main'] }, pull_request: {} },
    permissions: { contents: 'read' },
    concurrency: { group: '${{ github.workflow }}-${{ github.ref }}', 'cancel-in-progress': "${{ github.ref != 'refs/heads/main' }}" },
    jobs: {
      check: {
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 30,
        steps: [
          checkout(),
          node,
          { run: 'npm ci' },
          { run: 'npm test' },
          { run: 'npm run verify -- --out verify' },
          { run: 'npm sbom --sbom-format cyclonedx --package-lock-only --omit dev > sbom.cdx.json' },
          { if: 'always()', uses: ACTIONS.upload, with: { name: 'verify', path: 'verify\nsbom.cdx.json' } },
        ],
      },
      image: {
        needs: 'check',
        if: "github.ref == 'refs/heads/main'",
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 30,
        // The signature is of this workflow: no key has to be kept.
        permissions: { contents: 'read', packages: 'write', 'id-token': 'write' },
        steps: [
          checkout(),
          { name: 'Name the image', run: `echo "IMAGE=${image}" >> "$GITHUB_ENV"` },
          {
            uses: ACTIONS.login,
            with: { registry: 'ghcr.io', username: '${{ github.actor }}', password: '${{ secrets.GITHUB_TOKEN }}' },
          },
          { id: 'build', uses: ACTIONS.build, with: { push: true, tags: '${{ env.IMAGE }}', provenance: true, sbom: true } },
          { uses: ACTIONS.cosign },
          { name: 'Sign', env: { DIGEST: '${{ steps.build.outputs.digest }}' }, run: 'cosign sign --yes "$IMAGE@$DIGEST"' },
        ],
      },
      ...Object.fromEntries(deploys),
    },
  }
}

/** Deploys an earlier commit: its migration first, because its instances do not start on tables of another design. What was added stays. */
function githubRollBack(name: string): object {
  return {
    name: 'roll back',
    on: {
      workflow_dispatch: {
        inputs: {
          stage: { description: 'where', type: 'choice', options: [...STAGES], required: true },
          commit: { description: 'the commit that is deployed again', type: 'string', required: true },
        },
      },
    },
    permissions: { contents: 'read' },
    jobs: {
      'roll-back': {
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 30,
        environment: '${{ inputs.stage }}',
        steps: [
          checkout({ ref: '${{ inputs.commit }}' }),
          {
            name: 'Roll back',
            // Inputs are values of the environment, never parts of the script.
            env: {
              KUBECONFIG_TEXT: '${{ secrets.KUBECONFIG }}',
              STAGE: '${{ inputs.stage }}',
              COMMIT: '${{ inputs.commit }}',
            },
            run: [
              'printf %s "$KUBECONFIG_TEXT" > "$RUNNER_TEMP/kubeconfig"',
              'export KUBECONFIG="$RUNNER_TEMP/kubeconfig"',
              deployCommand('$STAGE', githubImage(name, '$COMMIT')),
            ].join('\n'),
          },
        ],
      },
    },
  }
}

function gitlabPipeline(): object {
  const image = '$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA'
  const onMain = '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'
  const deploys = STAGES.map((stage) => [
    stage,
    {
      ...{ stage, image: 'alpine/k8s:1.33.0', environment: stage, script: [deployCommand(stage, image)] },
      rules: [{ if: onMain, ...(stage === 'production' ? { when: 'manual' } : {}) }],
    },
  ])
  return {
    stages: ['check', 'image', ...STAGES],
    check: {
      ...{ stage: 'check', image: `node:${NODE}-bookworm`, timeout: '30m' },
      // PostgreSQL does not run as root.
      before_script: ['useradd --create-home builder', 'chown -R builder .'],
      script: [
        'su builder -c "npm ci && npm test && npm run verify -- --out verify"',
        'npm sbom --sbom-format cyclonedx --package-lock-only --omit dev > sbom.cdx.json',
      ],
      artifacts: { when: 'always', paths: ['verify', 'sbom.cdx.json'], reports: { junit: 'verify/junit.xml' } },
    },
    image: {
      ...{ stage: 'image', image: 'docker:28', services: ['docker:28-dind'] },
      script: [
        'echo "$CI_REGISTRY_PASSWORD" | docker login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"',
        `docker build --tag "${image}" .`,
        `docker push "${image}"`,
        // The signature is of this project: no key has to be kept.
        'apk add --no-cache cosign',
        `cosign sign --yes "${image}"`,
        `cosign attest --yes --type cyclonedx --predicate sbom.cdx.json "${image}"`,
      ],
      id_tokens: { SIGSTORE_ID_TOKEN: { aud: 'sigstore' } },
      needs: ['check'],
      rules: [{ if: onMain }],
    },
    ...Object.fromEntries(deploys),
    ...Object.fromEntries(
      STAGES.map((stage) => [
        `roll back ${stage}`,
        {
          ...{ stage, image: 'alpine/k8s:1.33.0', environment: stage, variables: { COMMIT: '' } },
          script: ['test -n "$COMMIT"', 'git checkout "$COMMIT"', deployCommand(stage, '$CI_REGISTRY_IMAGE:$COMMIT')],
          rules: [{ if: onMain, when: 'manual', allow_failure: true }],
        },
      ]),
    ),
  }
}
