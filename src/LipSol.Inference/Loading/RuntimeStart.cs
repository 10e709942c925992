using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LipSol.Inference;

/// <summary>What has to happen before ONNX Runtime is loaded, wherever its first use is.</summary>
internal static partial class RuntimeStart
{
    /// <summary>ONNX Runtime's own switch; it looks at it once, when it starts.</summary>
    public const string Switch = "ORT_DISABLE_TELEMETRY";

#pragma warning disable CA2255 // a module initializer is what runs before the first use of ONNX Runtime
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare() => TellNobody();

    // Since 1.29 its packages for Linux tell their maker of every session by default: the model's names and hashes, the machine, how often it read and what failed. They keep a device's id and
    // what isn't sent yet under ~/.cache. What is read here is nobody's business. Native libraries see the process' environment, which Environment.SetEnvironmentVariable doesn't reach; what
    // this process starts gets the other one.
    private static void TellNobody()
    {
        Environment.SetEnvironmentVariable(Switch, "1");
        if (!OperatingSystem.IsWindows()) _ = SetEnvironment(Switch, "1", overwrite: 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
