# Installs silently, self-tests what was installed, removes it, and looks for leftovers.
# Runs on a Windows machine of the release workflow; under wine, tests/packaging does the same.
$ErrorActionPreference = 'Stop'
$setup = (Get-ChildItem dist\natwizard-*-setup.exe).FullName
$folder = "$env:LOCALAPPDATA\Programs\natwizard"
$listed = 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Uninstall\natwizard'
$shortcut = "$env:APPDATA\Microsoft\Windows\Start Menu\Programs\natwizard.lnk"

$run = Start-Process $setup -ArgumentList '/S' -Wait -PassThru
if ($run.ExitCode -ne 0) { throw "setup ended with $($run.ExitCode)" }
if (-not (Test-Path $listed)) { throw 'not listed among the installed programs' }
if (-not (Test-Path $shortcut)) { throw 'no shortcut in the start menu' }

python packaging\selftest.py $folder
if ($LASTEXITCODE -ne 0) { throw 'the self-test of the installed program failed' }

# _?= makes the uninstaller stay in the foreground; it then cannot delete itself
$run = Start-Process "$folder\Uninstall.exe" -ArgumentList '/S', '/REMOVEREPORTS', "_?=$folder" -Wait -PassThru
if ($run.ExitCode -ne 0) { throw "removal ended with $($run.ExitCode)" }
Remove-Item "$folder\Uninstall.exe" -ErrorAction SilentlyContinue
$left = Get-ChildItem $folder -Recurse -File -ErrorAction SilentlyContinue
if ($left) { throw "left behind: $left" }
foreach ($place in $listed, 'HKCU:\Software\natwizard', $shortcut) {
    if (Test-Path $place) { throw "left behind: $place" }
}
Write-Output 'installed, tested, removed, nothing left'
