# Sourced by environment.sh: a user without a home that can be written, such as a service's, installs without a cache.
home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${UV_CACHE_DIR:-${XDG_CACHE_HOME:-$home/.cache}/uv}
if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
    export UV_NO_CACHE=true PIP_NO_CACHE_DIR=1
fi
