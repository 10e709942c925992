using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference;

/// <summary>The device that a session got, and why it isn't a better one.</summary>
/// <param name="Device"><c>cpu</c> or <c>cuda:n</c>.</param>
/// <param name="Note">Why the CPU, where a GPU was looked for; null otherwise.</param>
internal sealed record DeviceChoice(string Device, string? Note)
{
    /// <summary>Opens a session on the device asked for. <c>auto</c> takes the first GPU that works, else the CPU; a GPU asked for by name is had or refused.</summary>
    /// <exception cref="UnusableModelException">The model isn't sound, or the GPU asked for isn't there.</exception>
    public static (InferenceSession Session, DeviceChoice Choice) Open(IExecutionProviders providers, string onnxPath, string asked, int threads)
    {
        if (asked != "auto" && asked != "cpu" && CudaIndex(asked) is null)
            throw new ArgumentException($"\"{asked}\" is not a device. Known are auto, cpu and cuda:0, cuda:1, ….", nameof(asked));
        string? note = null;
        if (asked != "cpu")
        {
            var device = asked == "auto" ? "cuda:0" : asked;
            if (!providers.Available.Contains("CUDAExecutionProvider"))
                note = "this build carries ONNX Runtime for the CPU; build with -p:LipSolAccelerator=cuda for GPUs";
            else
                try
                {
                    return (providers.Open(onnxPath, device, threads), new DeviceChoice(device, null));
                }
                catch (OnnxRuntimeException e)
                {
                    note = $"{device} did not work: {e.Message}";
                }
            if (asked != "auto") throw new UnusableModelException($"{asked} was asked for, but {note}.");
        }
        try
        {
            return (providers.Open(onnxPath, "cpu", threads), new DeviceChoice("cpu", note));
        }
        catch (OnnxRuntimeException e)
        {
            throw new UnusableModelException($"{onnxPath} is not a network that ONNX Runtime can load: {e.Message}", e);
        }
    }

    /// <summary>The GPU's number; null where the device isn't a GPU.</summary>
    public static int? CudaIndex(string device) =>
        device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}
