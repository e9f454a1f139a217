# ecsdemo completion fish: `ecsdemo completion fish | source`, or save it as ~/.config/fish/completions/ecsdemo.fish.
function __ecsdemo_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (ECSDEMO_COMPLETE=fish $words[1] $words[2..-1] 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c ecsdemo -f -a '(__ecsdemo_complete)'
