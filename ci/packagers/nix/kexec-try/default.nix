{ lib, stdenv, xz, zlib }:

stdenv.mkDerivation {
  pname = "kexec-try";
  version = "@VERSION@";
  src = ./src;
  buildInputs = [ xz zlib ];
  makeFlags = [ "CC=${stdenv.cc.targetPrefix}cc" ];
  installFlags = [ "DESTDIR=" "PREFIX=${placeholder "out"}" ];

  meta = {
    description = "Try a new system in RAM, go back if it fails";
    license = lib.licenses.gpl2Only;
    platforms = lib.platforms.linux;
  };
}
