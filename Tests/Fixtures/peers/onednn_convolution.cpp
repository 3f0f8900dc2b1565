// Times oneDNN's convolutions at the sizes of the compact networks, float32, one thread, one call at a time:
//
//     apt-get install libdnnl-dev    (2.x, as in Debian 12)
//     g++ -O2 -std=c++17 -fopenmp onednn_convolution.cpp -ldnnl -o onednn_convolution && ./onednn_convolution
//
// Prints CSV: shape, direction, layout, ms (minimum of 25 blocks of calls), gflops (2 x multiplications, padding
// counted), implementation. Layout `channels_last` fixes images and their gradients to it and leaves the weights to
// oneDNN; `any` leaves it everything. Reorders happen once, before the clock runs.
#include <oneapi/dnnl/dnnl.hpp>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <unordered_map>
#include <vector>

static_assert(DNNL_VERSION_MAJOR == 2, "written for oneDNN 2.x");
using namespace dnnl;
using Tag = memory::format_tag;
using Dims = memory::dims;

struct Case {
    const char *name;
    Dims source, weights, target, stride, padding;
};

// [N, C, H, W] or [N, C, T], oneDNN's logical order whatever the layout.
static const Case cases[] = {
    {"stem 5x5 s2 76x76x3->38x38x16", {1, 3, 76, 76}, {16, 3, 5, 5}, {1, 16, 38, 38}, {2, 2}, {2, 2}},
    {"3x3 s1 38x38x16->16", {1, 16, 38, 38}, {16, 16, 3, 3}, {1, 16, 38, 38}, {1, 1}, {1, 1}},
    {"3x3 s2 38x38x16->19x19x32", {1, 16, 38, 38}, {32, 16, 3, 3}, {1, 32, 19, 19}, {2, 2}, {1, 1}},
    {"3x3 s1 19x19x32->32", {1, 32, 19, 19}, {32, 32, 3, 3}, {1, 32, 19, 19}, {1, 1}, {1, 1}},
    {"3x3 s2 19x19x32->10x10x64", {1, 32, 19, 19}, {64, 32, 3, 3}, {1, 64, 10, 10}, {2, 2}, {1, 1}},
    {"3x3 s1 10x10x64->64", {1, 64, 10, 10}, {64, 64, 3, 3}, {1, 64, 10, 10}, {1, 1}, {1, 1}},
    {"k5 B64 T16 64->64", {64, 64, 16}, {64, 64, 5}, {64, 64, 16}, {1}, {2}},
    {"k5 B64 T8 128->128", {64, 128, 8}, {128, 128, 5}, {64, 128, 8}, {1}, {2}},
    {"k5 B64 T4 256->256", {64, 256, 4}, {256, 256, 5}, {64, 256, 4}, {1}, {2}},
};

static double multiplications(const Case &c) {
    double product = c.target[0];
    for (size_t axis = 2; axis < c.target.size(); axis++) product *= c.target[axis];
    for (auto extent : c.weights) product *= extent;
    return product;
}

/// Numbers that are neither zero nor subnormal, so that no kernel has it easier or harder than in use.
static memory filled(const memory::desc &desc, const engine &cpu) {
    memory result(desc, cpu);
    auto values = static_cast<float *>(result.get_data_handle());
    for (size_t i = 0; i < desc.get_size() / sizeof(float); i++) values[i] = 0.01f * float(int(i * 2654435761u % 200) - 100);
    return result;
}

static void time(const Case &c, const char *direction, const char *layout, const primitive_desc_base &description,
                 const primitive &kernel, const std::vector<std::pair<int, memory>> &memories, stream &queue) {
    std::unordered_map<int, memory> arguments(memories.begin(), memories.end());
    using Clock = std::chrono::steady_clock;
    for (int i = 0; i < 20; i++) kernel.execute(queue, arguments);
    queue.wait();
    double best = 1e9;
    for (int block = 0; block < 25; block++) {
        const int calls = 20;
        auto start = Clock::now();
        for (int i = 0; i < calls; i++) kernel.execute(queue, arguments);
        queue.wait();
        best = std::min(best, std::chrono::duration<double, std::milli>(Clock::now() - start).count() / calls);
    }
    printf("%s,%s,%s,%.5f,%.1f,%s\n", c.name, direction, layout, best, 2e-6 * multiplications(c) / best,
           description.impl_info_str());
    fflush(stdout);
}

int main() {
    omp_set_num_threads(1);
    engine cpu(engine::kind::cpu, 0);
    stream queue(cpu);
    const auto version = dnnl_version();
    printf("# oneDNN %d.%d.%d, 1 thread\nshape,direction,layout,ms,gflops,implementation\n", version->major,
           version->minor, version->patch);
    const auto f32 = memory::data_type::f32;
    for (const Case &c : cases) {
        for (bool isFixed : {true, false}) {
            const char *layout = isFixed ? "channels_last" : "any";
            const Tag tag = !isFixed ? Tag::any : c.source.size() == 4 ? Tag::nhwc : Tag::nwc;
            const memory::desc source(c.source, f32, tag), weights(c.weights, f32, Tag::any), target(c.target, f32, tag);

            convolution_forward::primitive_desc forward(
                {prop_kind::forward_training, algorithm::convolution_direct, source, weights, target, c.stride, c.padding,
                 c.padding},
                cpu);
            time(c, "forward", layout, forward, convolution_forward(forward),
                 {{DNNL_ARG_SRC, filled(forward.src_desc(), cpu)},
                  {DNNL_ARG_WEIGHTS, filled(forward.weights_desc(), cpu)},
                  {DNNL_ARG_DST, memory(forward.dst_desc(), cpu)}},
                 queue);

            convolution_backward_data::primitive_desc data(
                {algorithm::convolution_direct, source, weights, target, c.stride, c.padding, c.padding}, cpu, forward);
            time(c, "backward_data", layout, data, convolution_backward_data(data),
                 {{DNNL_ARG_DIFF_DST, filled(data.diff_dst_desc(), cpu)},
                  {DNNL_ARG_WEIGHTS, filled(data.weights_desc(), cpu)},
                  {DNNL_ARG_DIFF_SRC, memory(data.diff_src_desc(), cpu)}},
                 queue);

            convolution_backward_weights::primitive_desc gradient(
                {algorithm::convolution_direct, source, weights, target, c.stride, c.padding, c.padding}, cpu, forward);
            time(c, "backward_weights", layout, gradient, convolution_backward_weights(gradient),
                 {{DNNL_ARG_SRC, filled(gradient.src_desc(), cpu)},
                  {DNNL_ARG_DIFF_DST, filled(gradient.diff_dst_desc(), cpu)},
                  {DNNL_ARG_DIFF_WEIGHTS, memory(gradient.diff_weights_desc(), cpu)}},
                 queue);
        }
    }
}
