#include <LightGBM/c_api.h>
