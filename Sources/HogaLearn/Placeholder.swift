internal import CLightGBM

func probe() -> Int32 { LGBM_SetMaxThreads(2) }
