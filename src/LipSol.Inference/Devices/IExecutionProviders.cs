using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference;

/// <summary>What this build of ONNX Runtime can compute on. A seam: machines without a GPU test the choice with a stand-in.</summary>
internal interface IExecutionProviders
{
    /// <summary>Names of the providers in the package, e.g. <c>CUDAExecutionProvider</c>.</summary>
    IReadOnlyList<string> Available { get; }

    /// <summary>Opens a session on a device (<c>cpu</c>, <c>cuda:n</c>).</summary>
    /// <exception cref="OnnxRuntimeException">The device isn't there, or the model isn't sound.</exception>
    InferenceSession Open(string onnxPath, string device, int threads);
}

/// <summary>The real ONNX Runtime.</summary>
internal sealed class OnnxExecutionProviders : IExecutionProviders
{
    static OnnxExecutionProviders() => SessionMemory.Prepare();

    public IReadOnlyList<string> Available => OrtEnv.Instance().GetAvailableProviders();

    public InferenceSession Open(string onnxPath, string device, int threads)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        // Threads that spin between requests would eat the cores that training runs on.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (DeviceChoice.CudaIndex(device) is { } index) options.AppendExecutionProvider_CUDA(index);
        return new InferenceSession(onnxPath, options);
    }
}
