# The Python of the test of predict.py: the system's own, or one in a folder of its own. Sourced by test.sh.

predict_python=$cache/python
has_onnxruntime() { [ -x "$1" ] && "$1" -c 'import numpy, onnxruntime, PIL.Image' >/dev/null 2>&1; }

# By pip, or from Debian 13's packages with their own C library, unpacked into the folder: Debian 12 has no such package.
# Where nothing works the test is skipped, and says why.
try_onnxruntime() {
  has_onnxruntime /usr/bin/python3 || has_onnxruntime "$predict_python/bin/python3" && return 0
  say "Getting ONNX Runtime for Python: a test runs a model's predict.py with it (once, about 10 s)."
  rm -rf "$predict_python"
  pip_onnxruntime >/dev/null 2>&1 || unpack_onnxruntime || true
  has_onnxruntime "$predict_python/bin/python3" || say "ONNX Runtime for Python is not to be had here: one test is skipped."
}

pip_onnxruntime() {
  python3 -m venv "$predict_python" && "$predict_python/bin/pip" install -q --retries 0 onnxruntime numpy pillow
}

unpack_onnxruntime() {
  [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || return 1
  unpack_packages "$predict_python" trixie python3.13-minimal libpython3.13-minimal libpython3.13-stdlib python3-numpy python3-pil \
    python3-onnxruntime libonnxruntime1.21 libonnx1t64 libprotobuf32t64 libre2-11 libabsl20240722 libcpuinfo0 libdnnl3.6 libxnnpack0.20241108 \
    libpthreadpool0 libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libblas3 liblapack3 libgfortran5 libjpeg62-turbo libtiff6 libwebp7 libwebpmux3 \
    libwebpdemux2 libopenjp2-7 libfreetype6 liblcms2-2 libimagequant0 libraqm0 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 libdeflate0 libjbig0 \
    liblerc4 liblzma5 libzstd1 libsharpyuv0 libpng16-16t64 libbrotli1 libffi8 libbz2-1.0 libgomp1 >/dev/null || return 1
  local libraries=$predict_python/usr/lib/x86_64-linux-gnu
  mkdir -p "$predict_python/bin"
  cat >"$predict_python/bin/python3" <<PYTHON
#!/bin/sh
export PYTHONHOME="$predict_python/usr" PYTHONPATH="$predict_python/usr/lib/python3/dist-packages"
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/blas:$libraries/lapack" "$predict_python/usr/bin/python3.13" "\$@"
PYTHON
  chmod +x "$predict_python/bin/python3"
}
