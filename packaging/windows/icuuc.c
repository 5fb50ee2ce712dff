/* For wine only: Windows' icuuc.dll as far as Qt6Core imports it. Every open fails with
   U_UNSUPPORTED_ERROR (16), so that only text codecs other than UTF are missing. Never shipped. */
typedef int Code;
typedef void *Any;
#define EXPORT __declspec(dllexport)
#define UNSUPPORTED(error) do { if (error) *(error) = 16; } while (0)

EXPORT Any ucnv_open(const char *name, Code *error) { UNSUPPORTED(error); return 0; }
EXPORT void ucnv_close(Any converter) {}
EXPORT void ucnv_reset(Any converter) {}
EXPORT signed char ucnv_getMaxCharSize(Any converter) { return 4; }
EXPORT const char *ucnv_getName(Any converter, Code *error) { UNSUPPORTED(error); return 0; }
EXPORT const char *ucnv_getStandardName(const char *name, const char *standard, Code *error) { return 0; }
EXPORT const char *ucnv_getAvailableName(int index) { return 0; }
EXPORT int ucnv_countAvailable(void) { return 0; }
EXPORT int ucnv_toUCountPending(Any converter, Code *error) { return 0; }
EXPORT int ucnv_fromUCountPending(Any converter, Code *error) { return 0; }
EXPORT void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
EXPORT void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}
EXPORT void ucnv_getToUCallBack(Any converter, Any *action, Any *context)
{ if (action) *action = 0; if (context) *context = 0; }
EXPORT void ucnv_getFromUCallBack(Any converter, Any *action, Any *context)
{ if (action) *action = 0; if (context) *context = 0; }
EXPORT void ucnv_setToUCallBack(Any converter, Any action, Any context, Any *old, Any *olds, Code *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_setFromUCallBack(Any converter, Any action, Any context, Any *old, Any *olds, Code *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_cbToUWriteUChars(Any arguments, Any source, int length, int offset, Code *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_cbFromUWriteUChars(Any arguments, Any source, Any limit, int offset, Code *error)
{ UNSUPPORTED(error); }
EXPORT void ucnv_toUnicode(Any converter, Any target, Any limit, Any source, Any end, Any offsets,
                           signed char flush, Code *error) { UNSUPPORTED(error); }
EXPORT void ucnv_fromUnicode(Any converter, Any target, Any limit, Any source, Any end, Any offsets,
                             signed char flush, Code *error) { UNSUPPORTED(error); }
