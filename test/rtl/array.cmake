# The array: a build of array_matmul for each PE and dataflow, on an array that is not square, and one PE on its own,
# which has no skew. name, rows, columns, PE (0 int8, 1 ant, 2 msd), dataflow (0 os, 1 ws), bits of a sum.
set(array_builds
    int8_os 6 4 0 0 24  int8_ws 6 4 0 1 24
    ant_os  6 4 1 0 32  ant_ws  6 4 1 1 32
    msd_os  6 4 2 0 24  msd_ws  6 4 2 1 24
    one_os  1 1 2 0 20  one_ws  1 1 2 1 20)

add_library(rtl_arrays STATIC)
target_compile_options(rtl_arrays PRIVATE -w -Wno-error=switch-enum) # generated code and Verilator's own
set(header "// ARRAY_BUILDS(X): X(class, name, rows, columns, pe, dataflow, sum_bits)\n")
set(rows "#define ARRAY_BUILDS(X)")
while(array_builds)
  list(POP_FRONT array_builds name rows_of columns pe dataflow sum_bits)
  verilate(rtl_arrays SOURCES ${rtl_dir}/array_matmul.v INCLUDE_DIRS ${rtl_dir} TOP_MODULE array_matmul
           PREFIX Varray_${name} OPT_FAST -O1
           VERILATOR_ARGS -O3 -GROWS=${rows_of} -GCOLUMNS=${columns} -GPE=${pe} -GWEIGHT_STATIONARY=1'b${dataflow}
                          -GSUM_BITS=${sum_bits})
  string(APPEND header "#include \"Varray_${name}.h\"\n")
  string(APPEND rows " \\\n    X(Varray_${name}, ${name}, ${rows_of}, ${columns}, ${pe}, ${dataflow}, ${sum_bits})")
endwhile()
file(CONFIGURE OUTPUT array_builds.h CONTENT "${header}\n${rows}\n")
target_include_directories(rtl_arrays PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
rtl_test(array rtl_arrays)
target_sources(test_rtl_array PRIVATE array_bench.cpp)

# Every layer of the shipped network, per PE, in the bench for RTL engineers.
foreach(design "int8 os int8" "ant ws ant4" "msd ws rsd8_eb2")
  separate_arguments(design)
  list(GET design 0 pe)
  add_test(NAME test_rtl_layers_${pe} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/layers.sh $<TARGET_FILE:mantis> ${rtl_dir}
                                              ${design})
  set_tests_properties(test_rtl_layers_${pe} PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77)
endforeach()

# bench_rtl_array: the rate of Verilator, to compare the simulator's engines with. Built on demand:
#   cmake --build build --target bench_rtl_array && build/test/rtl/speed/rtl_array_rate
add_custom_command(
  OUTPUT speed/rtl_array_rate
  COMMAND ${VERILATOR_BIN} --cc --exe --build -j 2 -O3 --x-assign fast --x-initial fast --output-split 20000
          --output-split-cfuncs 500 -MAKEFLAGS "OPT_FAST=-O2 OPT_SLOW=-O0 OPT_GLOBAL=-O2" -y ${rtl_dir}
          --top-module array_matmul -GROWS=64 -GCOLUMNS=64 --prefix Varray_speed --Mdir speed -o rtl_array_rate
          ${rtl_dir}/array_matmul.v ${CMAKE_CURRENT_SOURCE_DIR}/bench_rtl_array.cpp
  DEPENDS ${rtl_sources} bench_rtl_array.cpp
  VERBATIM)
add_custom_target(bench_rtl_array DEPENDS speed/rtl_array_rate)
