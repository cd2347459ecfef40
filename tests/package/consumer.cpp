// The header is good C++ as well.
#include <samestory.h>

int main()
{
    samestory_document document = SAMESTORY_DOCUMENT_INIT;
    return samestory_version() == nullptr || document.struct_size == 0;
}
