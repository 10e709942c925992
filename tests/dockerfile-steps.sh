#!/usr/bin/env bash
# Runs the Dockerfile's steps without a container engine: each stage in a fresh Debian (debootstrap) under its own overlay and chroot, then
# starts the node as the image would, waits for its health check and tries it. Base images are stood in for by Debian with the .NET and
# Node.js of this machine, so what is shown is that the steps, the packages and the published layout work; not the base images, layers or the engine.
#
#   tests/dockerfile-steps.sh [--target silo|trainer] [--suite bookworm|trixie] [--folder DIR] [--until-built]
#
# Needs root, debootstrap and the .NET SDK. The machine's own settings for apt, npm and NuGet are used inside.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=trainer suite=bookworm folder='' until_built=''
while [ $# -gt 0 ]; do
    case $1 in
        --target) target=$2; shift 2 ;;
        --suite) suite=$2; shift 2 ;;
        --folder) folder=$2; shift 2 ;;
        --until-built) until_built=yes; shift ;;
        *) echo "unknown argument $1; see the first lines of $0" >&2; exit 2 ;;
    esac
done
[ "$(id -u)" -eq 0 ] || { echo "chroot and mount need root" >&2; exit 2; }
for tool in debootstrap dotnet node npm unshare; do command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 2; }; done

# All mounts and processes are the script's own and end with it.
if [ -z "${LIPSOL_STEPS_INSIDE:-}" ]; then
    exec env LIPSOL_STEPS_INSIDE=yes unshare --mount --pid --fork --kill-child --mount-proc \
        "$0" --target "$target" --suite "$suite" --folder "${folder:-$root/.build/dockerfile-steps/$suite}" ${until_built:+--until-built}
fi
mkdir -p "$folder"
say() { printf '\n== %s\n' "$*" >&2; }

# --- the bases -----------------------------------------------------------------------------------------------------------------------------
base=$folder/base
if [ ! -f "$base.done" ]; then
    say "Debian $suite"
    rm -rf "$base"
    icu=libicu72
    [ "$suite" != trixie ] || icu=libicu76
    debootstrap --variant=minbase --include="ca-certificates,tzdata,$icu" "$suite" "$base" >&2
    cp -L /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
    cp -r /etc/apt/apt.conf.d/. "$base/etc/apt/apt.conf.d/"
    for settings in .npmrc .nuget/NuGet; do
        [ ! -e "$HOME/$settings" ] || { mkdir -p "$base/root/$(dirname $settings)"; cp -r "$HOME/$settings" "$base/root/$settings"; }
    done
    touch "$base.done"
fi
cp /etc/resolv.conf /etc/hosts "$base/etc/"
dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
layer_of_dotnet() { # layer_of_dotnet NAME PART...: a layer that holds these parts of the machine's .NET
    local layer=$folder/$1
    shift
    if [ ! -f "$layer.done" ]; then
        rm -rf "$layer"
        mkdir -p "$layer/usr/share/dotnet" "$layer/usr/bin"
        for part in "$@"; do cp -r "$dotnet_root/$part" "$layer/usr/share/dotnet/"; done
        ln -s /usr/share/dotnet/dotnet "$layer/usr/bin/dotnet"
        touch "$layer.done"
    fi
}
layer_of_dotnet sdk-layer .
layer_of_dotnet runtime-layer dotnet host shared
if [ ! -f "$folder/node-layer.done" ]; then
    mkdir -p "$folder/node-layer/usr/local/bin" "$folder/node-layer/usr/local/lib/node_modules"
    cp -L "$(command -v node)" "$folder/node-layer/usr/local/bin/node"
    cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$folder/node-layer/usr/local/lib/node_modules/npm"
    touch "$folder/node-layer.done"
fi

# --- what the Dockerfile says --------------------------------------------------------------------------------------------------------------
declare -A global_args=() parent_of=() steps_of=()
stage=
while IFS= read -r line; do
    read -r word rest <<< "$line"
    case ${word^^} in
        ARG) if [ -z "$stage" ]; then global_args[${rest%%=*}]=${rest#*=}; else steps_of[$stage]+=$line$'\n'; fi ;;
        FROM)
            read -r image _ stage <<< "$rest"
            for name in "${!global_args[@]}"; do image=${image//\$\{$name\}/${global_args[$name]}}; done
            parent_of[$stage]=$image steps_of[$stage]= ;;
        *) steps_of[$stage]+=$line$'\n' ;;
    esac
done < <(grep -vE '^\s*(#|$)' "$root/Dockerfile" | sed -e ':a' -e '/\\$/{N;s/\\\n\s*//;ba' -e '}')
[ -n "${parent_of[$target]:-}" ] || { echo "the Dockerfile has no stage $target" >&2; exit 2; }

# What a build would be sent: the files git knows, within what .dockerignore lets through.
context=$folder/context
rm -rf "$context"
mkdir -p "$context"
mapfile -t let_through < <(sed -n 's/^!//p' "$root/.dockerignore")
(cd "$root" && git ls-files -z --cached --others --exclude-standard -- "${let_through[@]}" | xargs -0 ls -d 2>/dev/null | tr '\n' '\0' | xargs -0 cp --parents -t "$context")

# --- the stages ----------------------------------------------------------------------------------------------------------------------------
declare -A layers_of=() env_of=() workdir_of=() user_of=() entry_of=() cmd_of=() health_of=() args_of=()
mounted() { printf '%s' "$folder/mounts/$1"; }
mount_stage() { # mount_stage STAGE PARENT_LAYERS; says whether the stage is there already, as the same steps on the same base made it
    local upper=$folder/uppers/$1 at key=none
    at=$(mounted "$1")
    rm -rf "$folder/work/$1"
    # A stage that copies nothing depends on its steps alone, as in an engine's cache.
    [[ ${steps_of[$1]} == *COPY* || $2 != *-layer:$base ]] || key=$(printf '%s' "${steps_of[$1]}" | sha256sum)
    if [ "$key" != none ] && [ "$(cat "$upper.key" 2>/dev/null)" = "$key" ]; then cached=yes; else cached=''; rm -rf "$upper" "$upper.key"; fi
    stage_key=$key
    mkdir -p "$upper" "$folder/work/$1" "$at"
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$upper,workdir=$folder/work/$1" "$at"
    mount -t proc proc "$at/proc"
    mount --rbind /dev "$at/dev"
    layers_of[$1]=$upper:$2
}
inside() { # inside STAGE COMMAND...: as the stage's user, in its folder, with its environment
    local stage=$1 at user=${user_of[$1]:-root}
    shift
    at=$(mounted "$stage")
    local -a environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$(awk -F: -v u="$user" '$1 == u { print $6 }' "$at/etc/passwd")"
        DEBIAN_FRONTEND=noninteractive SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
        NUGET_CERT_REVOCATION_MODE="${NUGET_CERT_REVOCATION_MODE:-online}")
    mapfile -t -O "${#environment[@]}" environment < <(printf '%s' "${args_of[$stage]:-}${env_of[$stage]:-}")
    chroot --userspec="$user:$user" "$at" /usr/bin/env -i "${environment[@]}" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "${workdir_of[$stage]:-/}" "$@"
}
words() { # words JSON_ARRAY: its strings, one a line
    local -a strings
    local list=${1#[}
    list=${list%]}
    eval "strings=(${list//\", \"/\" \"})"
    printf '%s\n' "${strings[@]}"
}
build() {
    # mount_stage sets the last two; local here, or a stage that is built on the way would set them for this one.
    local stage=$1 parent=${parent_of[$1]} word rest cached='' stage_key=none
    [ -z "${layers_of[$stage]:-}" ] || return 0
    case $parent in
        */dotnet/sdk:*) mount_stage "$stage" "$folder/sdk-layer:$base" ;;
        node:*) mount_stage "$stage" "$folder/node-layer:$base" ;;
        */dotnet/aspnet:*) mount_stage "$stage" "$folder/runtime-layer:$base" ;;
        *)
            [ -n "${parent_of[$parent]:-}" ] || { echo "nothing stands in for the image $parent" >&2; exit 1; }
            build "$parent"
            mount_stage "$stage" "${layers_of[$parent]}"
            env_of[$stage]=${env_of[$parent]:-} workdir_of[$stage]=${workdir_of[$parent]:-} user_of[$stage]=${user_of[$parent]:-}
            entry_of[$stage]=${entry_of[$parent]:-} cmd_of[$stage]=${cmd_of[$parent]:-} health_of[$stage]=${health_of[$parent]:-} args_of[$stage]=${args_of[$parent]:-} ;;
    esac
    while IFS= read -r step; do
        read -r word rest <<< "$step"
        [ -n "$word" ] || continue
        say "$stage: $step${cached:+ (as before)}"
        [ -z "$cached" ] || [ "${word^^}" != RUN ] || continue
        case ${word^^} in
            RUN) inside "$stage" /bin/sh -c "$rest" >&2 ;;
            ARG) args_of[$stage]+=${rest%%=*}=${rest#*=}$'\n' ;;
            ENV) for pair in $rest; do env_of[$stage]+=${pair//'$PATH'//usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}$'\n'; done ;;
            WORKDIR) workdir_of[$stage]=$rest; mkdir -p "$(mounted "$stage")$rest" ;;
            USER) user_of[$stage]=$rest ;;
            COPY) copy "$stage" $rest ;;
            ENTRYPOINT) entry_of[$stage]=$rest cmd_of[$stage]= ;;
            CMD) cmd_of[$stage]=$rest ;;
            HEALTHCHECK) health_of[$stage]=${rest#*CMD } ;;
            VOLUME | EXPOSE | LABEL) ;;
            *) echo "the Dockerfile uses $word, which $0 doesn't know" >&2; exit 1 ;;
        esac
    done <<< "${steps_of[$stage]}"
    [ "$stage_key" = none ] || printf '%s' "$stage_key" > "$folder/uppers/$stage.key"
}
copy() { # copy STAGE [--from=OTHER] SOURCE DESTINATION
    local stage=$1 from=$context destination
    shift
    if [[ $1 == --from=* ]]; then
        build "${1#--from=}"
        from=$(mounted "${1#--from=}")
        shift
    fi
    destination=$2
    [[ $destination == /* ]] || destination=${workdir_of[$stage]}/$destination
    destination=$(mounted "$stage")$destination
    mkdir -p "$(dirname "$destination")"
    if [ -d "$from/$1" ]; then mkdir -p "$destination" && cp -a "$from/$1/." "$destination/"; else cp -a "$from/$1" "$destination"; fi
}

build "$target"
say "$target is built: $(du -sh "$(mounted "$target")/app" | cut -f1) in /app"
[ -z "$until_built" ] || exit 0

# --- the node ------------------------------------------------------------------------------------------------------------------------------
mapfile -t command < <(words "${entry_of[$target]}"; words "${cmd_of[$target]}")
mapfile -t health < <(words "${health_of[$target]}")
[ "${user_of[$target]:-root}" != root ] || { echo "the node would run as root" >&2; exit 1; }
say "start as ${user_of[$target]}: ${command[*]}"
inside "$target" "${command[@]}" > "$folder/node.log" 2>&1 &
node=$!
for _ in $(seq 120); do
    if inside "$target" "${health[@]}" > "$folder/health.log" 2>&1; then healthy=yes; break; fi
    kill -0 $node 2>/dev/null || break
    sleep 1
done
[ -n "${healthy:-}" ] || { cat "$folder/health.log" "$folder/node.log" >&2; echo "the node did not get ready" >&2; exit 1; }
say "ready; trying it"
inside "$target" /app/smoke/smoke
