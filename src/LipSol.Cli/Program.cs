using LipSol.Kernel.Jupyter;

if (args.Contains("kernel")) InterruptSignal.Heed();
return await LipSol.Cli.CommandLine.LipSolCommandLine.RunAsync(args);
