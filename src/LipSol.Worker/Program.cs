return await LipSol.Worker.WorkerProgram.RunAsync(args);
