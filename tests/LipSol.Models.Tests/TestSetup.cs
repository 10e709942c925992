using System.Runtime.CompilerServices;

namespace LipSol.Models.Tests;

internal static class TestSetup
{
    // Tests that use torch before anything of LipSol.Models: its module initializer has to run first.
    [ModuleInitializer]
    internal static void Load() => RuntimeHelpers.RunModuleConstructor(typeof(LipSol.Models.Networks.NetworkRegistry).Module.ModuleHandle);
}
