#compdef ecsdemo
# ecsdemo completion zsh: put `eval "$(ecsdemo completion zsh)"` into ~/.zshrc, after compinit.
_ecsdemo() {
  local -a found
  local line
  found=()
  while IFS= read -r line; do
    [[ -n $line ]] && found+=("$line")
  done < <(ECSDEMO_COMPLETE=zsh "${words[1]}" "${(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ ${found[1]} == :files ]]; then
    _files
  else
    _describe ecsdemo found
  fi
}
compdef _ecsdemo ecsdemo
