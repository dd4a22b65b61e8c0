/** The script by which pipelines put an image on Kubernetes, and the version before back if its instances do not become ready. */

import type { DeliveredFile } from '../files/delivered-file.ts'
import type { Deployed } from './deployed.ts'

const PATH = 'deploy/kubernetes/deploy.sh'

/** The command of a pipeline. @param stage and @param image as words of a shell, such as `$STAGE`. */
export function deployCommand(stage: string, image: string): string {
  return `sh ${PATH} "${stage}" "${image}"`
}

/** The script. */
export function deployScript({ model: { name } }: Deployed): DeliveredFile {
  const content = `#!/bin/sh
# Puts an image of ${name} on a stage: sh ${PATH} staging registry.example.com/${name}:1
#
# It migrates and replaces the instances. If they do not become ready, the version before is put back, and the exit code is 1. Its migration
# comes first, because instances refuse to start on tables of another design; what was added to the tables stays. A step back that would
# delete data is refused: instances that still run go on, and the tables wait for somebody to decide.
set -eu
stage=$1
image=$2
overlay="deploy/kubernetes/overlays/$stage"
kubectl() { command kubectl --namespace "${name}-$stage" "$@"; }

# With an image: what is applied from here on, without the job of the image before, which cannot be changed.
prepare() {
  (cd "$overlay" && kustomize edit set image "${name}=$1")
  kubectl delete job ${name}-migrate --ignore-not-found
}
migrated() { kubectl wait --for=condition=complete --timeout=15m job/${name}-migrate; }
ready() {
  kubectl rollout status deployment/${name} --timeout=10m &&
    kubectl rollout status deployment/${name}-worker --timeout=10m
}

before=$(kubectl get deployment ${name} --ignore-not-found --output 'jsonpath={.spec.template.spec.containers[0].image}')
prepare "$image"
kustomize build "$overlay" | kubectl apply --filename -
if migrated && ready; then exit 0; fi

echo "$image did not become ready on $stage" >&2
if [ -z "$before" ]; then exit 1; fi
prepare "$before"
kustomize build "$overlay" | kubectl apply --selector app.kubernetes.io/component=migration --filename -
migrated
kubectl rollout undo deployment/${name}
kubectl rollout undo deployment/${name}-worker
ready
echo "$before is back on $stage" >&2
exit 1
`
  return { path: PATH, content }
}
