using LipSol.Silo.Node;

return await NodeCommand.RunAsync(args);
