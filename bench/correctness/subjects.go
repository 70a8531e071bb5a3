package main

func pools() []subject[poolKit] {
	return []subject[poolKit]{thencePool(), byHandPool(), semaphorePool(), antsPool(), pondPool(), workerPool(), bulkheadPool()}
}

func groups() []subject[groupKit] {
	return []subject[groupKit]{thenceGroup(), byHandGroup(), xsyncGroup(), concGroup(), pondGroup(), asmshGroup()}
}

func futures() []subject[futureKit] {
	return []subject[futureKit]{thenceFuture(), byHandFuture(), singleflightFuture(), moFuture(), asmshFuture(), pondFuture(), failsafeFuture()}
}

func flows() []subject[flowKit] {
	return []subject[flowKit]{thenceFlow(), byHandFlow(), concStream(), concIter(), roFlow()}
}

func limiters() []subject[limiterKit] {
	return []subject[limiterKit]{thenceLimiter(), byHandLimiter(), xtimeLimiter(), failsafeLimiter(), jujuLimiter()}
}
