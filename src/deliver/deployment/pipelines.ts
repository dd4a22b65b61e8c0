/** Pipelines: check, verify, build, and deploy stage by stage. */

import type { DeliveredFile } from '../files/delivered-file.ts'
import { deployCommand } from './deploy-script.ts'
import { type Deployed, NODE, yamlText } from './deployed.ts'

const STAGES = ['staging', 'production'] as const

/** The files for GitHub Actions and GitLab CI. */
export function pipelineFiles({ model: { name } }: Deployed): readonly DeliveredFile[] {
  return [
    {
      path: '.github/workflows/ci.yml',
      content: yamlText(`${name} on GitHub Actions. The environment production asks for approval.`, githubWorkflow(name)),
    },
    {
      path: '.github/workflows/roll-back.yml',
      content: yamlText(`${name}: puts an image that was deployed before in place again, started by hand.`, githubRollBack(name)),
    },
    { path: '.gitlab-ci.yml', content: yamlText(`${name} on GitLab. Production is deployed by hand.`, gitlabPipeline()) },
  ]
}

function githubWorkflow(name: string): object {
  const image = `ghcr.io/\${{ github.repository }}/${name}:\${{ github.sha }}`
  const checkout = { uses: 'actions/checkout@v4' }
  const node = { uses: 'actions/setup-node@v4', with: { 'node-version': NODE, cache: 'npm' } }
  const deploys = STAGES.map((stage, i) => [
    stage,
    {
      needs: i === 0 ? 'image' : STAGES[i - 1],
      'runs-on': 'ubuntu-latest',
      'timeout-minutes': 30,
      environment: stage,
      steps: [
        checkout,
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
          checkout,
          node,
          { run: 'npm ci' },
          { run: 'npm test' },
          { run: 'npm run verify -- --out verify' },
          { run: 'npm sbom --sbom-format cyclonedx --package-lock-only --omit dev > sbom.cdx.json' },
          { if: 'always()', uses: 'actions/upload-artifact@v4', with: { name: 'verify', path: 'verify\nsbom.cdx.json' } },
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
          checkout,
          {
            uses: 'docker/login-action@v3',
            with: { registry: 'ghcr.io', username: '${{ github.actor }}', password: '${{ secrets.GITHUB_TOKEN }}' },
          },
          { id: 'build', uses: 'docker/build-push-action@v6', with: { push: true, tags: image, provenance: true, sbom: true } },
          { uses: 'sigstore/cosign-installer@v3' },
          { name: 'Sign', run: `cosign sign --yes "${image}@\${{ steps.build.outputs.digest }}"` },
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
          { uses: 'actions/checkout@v4', with: { ref: '${{ inputs.commit }}' } },
          {
            name: 'Roll back',
            // Inputs are values of the environment, never parts of the script.
            env: {
              KUBECONFIG_TEXT: '${{ secrets.KUBECONFIG }}',
              STAGE: '${{ inputs.stage }}',
              IMAGE: `ghcr.io/\${{ github.repository }}/${name}:\${{ inputs.commit }}`,
            },
            run: [
              'printf %s "$KUBECONFIG_TEXT" > "$RUNNER_TEMP/kubeconfig"',
              'export KUBECONFIG="$RUNNER_TEMP/kubeconfig"',
              deployCommand('$STAGE', '$IMAGE'),
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
