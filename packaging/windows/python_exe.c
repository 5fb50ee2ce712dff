/* python.exe for the assembled Windows Python: hands its arguments to Py_Main, as CPython's does. */
#include <windows.h>
#include <stdio.h>

typedef int (*Main)(int, wchar_t **);

int wmain(int count, wchar_t **arguments)
{
    HMODULE library = LoadLibraryW(L"python311.dll");
    if (!library) {
        fwprintf(stderr, L"python311.dll cannot be loaded: error %lu\n", GetLastError());
        return 3;
    }
    return ((Main)(void *)GetProcAddress(library, "Py_Main"))(count, arguments);
}
