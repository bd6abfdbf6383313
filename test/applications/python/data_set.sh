#!/bin/sh
# A data set that DVC tracks: pushed to a bucket, pulled into another checkout of the repository, brought back after a change.
set -eu
endpoint=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export DVC_NO_ANALYTICS=1 DVC_GLOBAL_CONFIG_DIR="$folder/config" DVC_SITE_CACHE_DIR="$folder/site-cache"

mkdir "$folder/one"
cd "$folder/one"
python -m dvc init --quiet --no-scm
python -m dvc remote add --quiet --default store oss://examplebucket/dvc
python -m dvc remote modify store oss_endpoint "$endpoint"
python -m dvc remote modify store oss_key_id emulator-ak
python -m dvc remote modify store oss_key_secret emulator-secret
mkdir data
for number in 1 2 3; do echo "row $number" >data/$number.csv; done
python -m dvc add --quiet data
echo "pushed=$(python -m dvc push | tail -n 1)"

mkdir "$folder/two"
cp -r .dvc data.dvc "$folder/two/"
cd "$folder/two"
rm -rf .dvc/cache .dvc/tmp
python -m dvc pull --quiet
echo "pulled=$(cat data/*.csv | tr '\n' ',')"
echo "status=$(python -m dvc status --cloud)"
