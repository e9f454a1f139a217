# ecsdemo completion bash: put `eval "$(ecsdemo completion bash)"` into ~/.bashrc.
_ecsdemo() {
  local line words=() candidates
  # bash takes "=" and ":" for the ends of words; they are put together again as they were typed.
  line=${COMP_LINE:0:COMP_POINT}
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  candidates=$(ECSDEMO_COMPLETE=bash "${words[0]}" "${words[@]:1}" 2>/dev/null) || return
  COMPREPLY=()
  if [[ $candidates == :files ]]; then
    compopt -o default
    return
  fi
  local typed=${words[${#words[@]}-1]} head=
  [[ $typed == *[=:]* ]] && head=${typed%"${typed##*[=:]}"}
  while IFS= read -r line; do
    [[ -n $line ]] && COMPREPLY+=("${line#"$head"}")
  done <<<"$candidates"
}
complete -F _ecsdemo ecsdemo
