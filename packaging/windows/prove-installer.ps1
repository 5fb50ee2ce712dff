# Installs silently, self-tests what was installed, refuses while a file of it is in use, removes
# it, and looks for leftovers: for this user, then for the whole computer (as administrator).
# Runs on a Windows machine of the release workflow; under wine, tests/packaging does the same.
$ErrorActionPreference = 'Stop'
$setup = (Get-ChildItem dist\natwizard-*-setup.exe).FullName
$classes = 'Software\Classes'
$key = 'Software\Microsoft\Windows\CurrentVersion\Uninstall\natwizard'

function Invoke-Program([string] $Program, [string[]] $Arguments, [int] $Expected) {
    $run = Start-Process $Program -ArgumentList $Arguments -Wait -PassThru
    if ($run.ExitCode -ne $Expected) { throw "$Program $Arguments ended with $($run.ExitCode)" }
}

function Get-Hashes([string] $Folder) {
    Get-ChildItem $Folder -Recurse -File | Get-FileHash | ForEach-Object { "$($_.Path) $($_.Hash)" }
}

function Test-Setup([string] $Hive, [string] $Folder, [string] $Shortcut, [string[]] $Options) {
    Invoke-Program $setup (@('/S') + $Options) 0
    if (-not (Test-Path "${Hive}:\$key")) { throw 'not listed among the installed programs' }
    if (-not (Test-Path $Shortcut)) { throw 'no shortcut in the start menu' }
    $class = (Get-Item "${Hive}:\$classes\.natwizard").GetValue('')
    $opens = (Get-Item "${Hive}:\$classes\$class\shell\open\command").GetValue('')
    if ($opens -ne "`"$Folder\natwizard-gui.exe`" `"%1`"") { throw "set-up files open with $opens" }

    python packaging\selftest.py $Folder
    if ($LASTEXITCODE -ne 0) { throw 'the self-test of the installed program failed' }

    # _?= makes the uninstaller stay in the foreground and tell its exit code
    $remove = @('/S', '/REMOVEREPORTS', "_?=$Folder")
    $before = Get-Hashes $Folder
    $library = (Get-ChildItem "$Folder\_internal\python3*.dll")[0].FullName
    $held = [IO.File]::Open($library, 'Open', 'Read', 'None')
    try {
        Invoke-Program $setup (@('/S') + $Options) 5
        Invoke-Program "$Folder\Uninstall.exe" $remove 5
    } finally {
        $held.Close()
    }
    if (Compare-Object $before (Get-Hashes $Folder)) { throw 'changed while a file was in use' }
    Invoke-Program $setup (@('/S') + $Options) 0

    Invoke-Program "$Folder\Uninstall.exe" $remove 0
    Remove-Item "$Folder\Uninstall.exe" # in its own place it cannot delete itself
    $left = Get-ChildItem $Folder -Recurse -File -ErrorAction SilentlyContinue
    if ($left) { throw "left behind: $left" }
    foreach ($place in "${Hive}:\$key", "${Hive}:\Software\natwizard", $Shortcut,
        "${Hive}:\$classes\.natwizard", "${Hive}:\$classes\$class") {
        if (Test-Path $place) { throw "left behind: $place" }
    }
}

$menu = 'Microsoft\Windows\Start Menu\Programs\natwizard.lnk'
Test-Setup HKCU "$env:LOCALAPPDATA\Programs\natwizard" "$env:APPDATA\$menu" @()
Test-Setup HKLM "$env:ProgramFiles\natwizard" "$env:ProgramData\$menu" @('/ALLUSERS')
Write-Output 'installed, tested, refused, removed, nothing left'
